// The JavaScript examples of the documentation: the SDK of today, and the one before its fourth version.
const OpenAI = require('openai');
const { Configuration, OpenAIApi } = require("openai-v3");
const client = new OpenAI({
apiKey: 'your-secret-key',
baseURL: `${process.env.URL}/v1`
});
async function main() {
const response = await client.chat.completions.create({
model: 'gpt-4o-mini',
messages: [{ role: 'user', content: 'Hello!' }]
});
console.log(response.choices[0].message.content);
const configuration = new Configuration({
apiKey: "your-secret-key",
basePath: `${process.env.URL}/v1`
});
const openai = new OpenAIApi(configuration);
const old = await openai.createChatCompletion({
model: "gpt-4o-mini",
messages: [{ role: "user", content: "Hello!" }]
});
console.log(old.data.choices[0].message.content);
}
main();
