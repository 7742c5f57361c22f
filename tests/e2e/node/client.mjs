// Uses the official OpenAI SDK as its users do and prints what it got as one JSON object, for test_openai_node.py.
// Arguments: the base URL and the key. The models are named for how their upstreams behave.
import OpenAI from "openai";

const [baseURL, apiKey] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey, maxRetries: 0 });
const messages = [{ role: "user", content: "Hello!" }];
const tools = [{ type: "function", function: { name: "weather", parameters: { type: "object", properties: {} } } }];

/** What an expected error looks like to a caller. */
async function caught(attempt) {
  try {
    await attempt();
  } catch (error) {
    const { status, code, type, param, message } = error;
    const retryAfter = error.headers?.get("retry-after") ?? null;
    return { name: error.constructor.name, status, code, type, param, message, retryAfter };
  }
  return { name: "no error" };
}

async function texts(model) {
  const pieces = [];
  const stream = await client.chat.completions.create({ model, messages, stream: true });
  for await (const event of stream) {
    const text = event.choices[0]?.delta?.content;
    if (text) pieces.push(text);
  }
  return pieces;
}

async function broken() {
  const pieces = [];
  const error = await caught(async () => {
    const stream = await client.chat.completions.create({ model: "breaks", messages, stream: true });
    for await (const event of stream) {
      const text = event.choices[0]?.delta?.content;
      if (text) pieces.push(text);
    }
  });
  return { pieces, error };
}

async function toolCalls() {
  const whole = await client.chat.completions.create({ model: "tools", messages, tools });
  const final = await client.chat.completions.stream({ model: "tools", messages, tools }).finalChatCompletion();
  return [whole, final].map((answer) => answer.choices[0].message.tool_calls.map((call) => call.function));
}

const { data: answer, response } = await client.chat.completions.create({ model: "good", messages }).withResponse();
const models = [];
for await (const model of client.models.list()) models.push(model.id);
const wrongKey = new OpenAI({ baseURL, apiKey: "wrong", maxRetries: 0 });
const create = (body) => () => client.chat.completions.create({ messages, ...body });

console.log(
  JSON.stringify({
    text: answer.choices[0].message.content,
    usage: answer.usage,
    provider: response.headers.get("x-g4f-provider"),
    requestId: answer._request_id,
    models,
    retrieved: (await client.models.retrieve("good")).id,
    pieces: await texts("good"),
    tools: await toolCalls(),
    broken: await broken(),
    unknownModel: await caught(create({ model: "nothing" })),
    wrongKey: await caught(() => wrongKey.chat.completions.create({ model: "good", messages })),
    badRequest: await caught(create({ model: "refuses" })),
    unprocessable: await caught(create({ model: "good", temperature: "warm" })),
    rateLimited: await caught(create({ model: "limits" })),
  }),
);
