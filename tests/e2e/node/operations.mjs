// Uses the official OpenAI SDK for all but chats and prints what it got as JSON, for test_openai_node_operations.py.
// Arguments: the base URL and the key.
import OpenAI, { toFile } from "openai";

const [baseURL, apiKey] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey, maxRetries: 0 });
const audio = () => toFile(Buffer.from("ID3 audio"), "a.mp3");
const picture = () => toFile(Buffer.from("\x89PNG"), "a.png", { type: "image/png" });

async function all(stream, pick) {
  const found = [];
  for await (const event of await stream) found.push(pick(event));
  return found;
}

const vector = await client.embeddings.create({ model: "m", input: "a b" });
const lists = await client.embeddings.create({ model: "lists", input: "a" });
const drawn = await client.images.generate({ model: "m", prompt: "a cat", n: 2, response_format: "b64_json" });
const linked = await client.images.edit({ model: "m", prompt: "a hat", image: await picture(), response_format: "url" });
const varied = await client.images.createVariation({ model: "m", image: await picture() });
const spoken = await client.audio.speech.create({ model: "m", input: "hi", voice: "alloy" });
const stream = client.audio.transcriptions.create({ model: "m", file: await audio(), stream: true });
const response = await client.responses.create({ model: "m", input: "hello" });
const { id } = response;
const kept = await client.responses.retrieve(id);
const items = await client.responses.inputItems.list(id);
await client.responses.delete(id);
let refused = null;
try {
  await client.embeddings.create({ model: "nothing", input: "a" });
} catch (error) {
  refused = { name: error.constructor.name, status: error.status, code: error.code };
}

console.log(
  JSON.stringify({
    dimensions: vector.data[0].embedding.length,
    numbers: vector.data[0].embedding.every((number) => Number.isFinite(number)),
    lists: lists.data[0].embedding,
    flagged: (await client.moderations.create({ model: "m", input: "x" })).results[0].flagged,
    text: (await client.completions.create({ model: "m", prompt: "once" })).choices[0].text,
    pieces: await all(client.completions.create({ model: "m", prompt: "once", stream: true }), (e) => e.choices[0].text),
    drawn: drawn.data.map((image) => image.b64_json.slice(0, 8)),
    linked: linked.data[0].url,
    varied: varied.data.length,
    spoken: Buffer.from(await spoken.arrayBuffer()).subarray(0, 4).toString(),
    speechType: spoken.headers.get("content-type"),
    heard: (await client.audio.transcriptions.create({ model: "m", file: await audio() })).text,
    subtitles: await client.audio.translations.create({ model: "m", file: await audio(), response_format: "srt" }),
    events: await all(stream, (event) => event.type),
    response: [response.output_text, kept.output_text, items.data.length],
    responseEvents: await all(client.responses.create({ model: "m", input: "x", stream: true }), (event) => event.type),
    pictureEvents: await all(client.images.generate({ model: "m", prompt: "x", stream: true }), (event) => event.type),
    refused,
  }),
);
