# The requests of the documentation, one after the other; URL stands for the server's address.
set -e
curl -sS -X POST "$URL/v1/chat/completions" \
-H "Content-Type: application/json" \
-H "g4f-api-key: your-secret-key" \
-d '{
"model": "gpt-4o-mini",
"messages": [{"role": "user", "content": "Hello!"}],
"stream": false
}'
echo
curl -sS -X POST "$URL/v1/images/generations" \
-H "Content-Type: application/json" \
-H "g4f-api-key: your-secret-key" \
-d '{
"prompt": "A beautiful sunset",
"model": "dall-e-3",
"response_format": "url",
"provider": "PollinationsAI"
}'
echo
curl -sS -X POST "$URL/api/Copilot/chat/completions" \
-H "Content-Type: application/json" -H "g4f-api-key: your-secret-key" \
-d '{
"model": "gpt-4",
"messages": [{"role": "user", "content": "Hello!"}]
}'
echo
curl -sS -X POST "$URL/api/Copilot/conv-123/chat/completions" \
-H "Content-Type: application/json" -H "g4f-api-key: your-secret-key" \
-d '{
"model": "gpt-4",
"messages": [{"role": "user", "content": "Continue our conversation"}]
}'
echo
curl -sS -X POST "$URL/v1/upload_cookies" \
-H "g4f-api-key: your-secret-key" \
-F "files=@cookies.json"
echo
curl -sS "$URL/v1/models" -H "Authorization: Bearer your-secret-key"
echo
curl -sS "$URL/v1/providers/Copilot" -H "Authorization: Bearer your-secret-key"
echo
