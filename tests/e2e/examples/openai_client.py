"""The Python examples of the documentation; the server's address is in the environment."""

import os

import openai

client = openai.OpenAI(api_key="your-secret-key", base_url=f"{os.environ['URL']}/v1")

response = client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": "Hello!"}])
print(response.choices[0].message.content)

stream = client.chat.completions.create(
    model="gpt-4o-mini", messages=[{"role": "user", "content": "Tell me a story"}], stream=True
)
for chunk in stream:
    if chunk.choices[0].delta.content:
        print(chunk.choices[0].delta.content, end="")
print()

response = client.images.generate(
    prompt="A beautiful sunset over mountains",
    model="dall-e-3",
    size="1024x1024",
    response_format="url",
    extra_body={"provider": "PollinationsAI"},
)
print(response.data[0].url)
