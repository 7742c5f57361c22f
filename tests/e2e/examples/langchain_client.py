"""The LangChain example of the documentation, in the words of LangChain's present package for OpenAI."""

import os

from langchain_core.messages import HumanMessage
from langchain_openai import ChatOpenAI

llm = ChatOpenAI(openai_api_base=f"{os.environ['URL']}/v1", openai_api_key="your-secret-key", model_name="gpt-4o-mini")
response = llm.invoke([HumanMessage(content="Hello!")])
print(response.content)
print("".join(str(chunk.content) for chunk in llm.stream([HumanMessage(content="Hello!")])))
