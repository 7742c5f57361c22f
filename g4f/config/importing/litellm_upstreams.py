"""LiteLLM's names for providers (https://docs.litellm.ai/docs/providers), and what they are called here."""

from collections.abc import Mapping
from typing import Final

#: Its prefix of a model's name -> the catalog's row. A row that the catalog lacks is no equivalent.
ROWS: Final[Mapping[str, str]] = {
    "anthropic": "Anthropic",
    "baseten": "Baseten",
    "cerebras": "Cerebras",
    "clarifai": "Clarifai",
    "cohere": "Cohere",
    "cohere_chat": "Cohere",
    "dashscope": "DashScope",
    "deepgram": "Deepgram",
    "deepinfra": "DeepInfra",
    "deepseek": "DeepSeek",
    "elevenlabs": "ElevenLabs",
    "fireworks_ai": "Fireworks",
    "friendliai": "Friendli",
    "gemini": "GeminiPro",
    "github": "GitHubModels",
    "groq": "Groq",
    "huggingface": "HuggingFace",
    "hyperbolic": "Hyperbolic",
    "jina_ai": "Jina",
    "llamafile": "LlamaCpp",
    "lm_studio": "LMStudio",
    "meta_llama": "LlamaAPI",
    "minimax": "MiniMax",
    "mistral": "Mistral",
    "moonshot": "Moonshot",
    "morph": "Morph",
    "nebius": "Nebius",
    "novita": "Novita",
    "nvidia_nim": "Nvidia",
    "ollama": "Ollama",
    "ollama_chat": "Ollama",
    "openai": "OpenAI",
    "openrouter": "OpenRouter",
    "ovhcloud": "OVHcloud",
    "perplexity": "Perplexity",
    "replicate": "Replicate",
    "sambanova": "SambaNova",
    "text-completion-openai": "OpenAI",
    "together_ai": "Together",
    "vercel_ai_gateway": "Vercel",
    "voyage": "Voyage",
    "wandb": "WandB",
    "xai": "xAI",
    "zai": "Zai",
}
#: Prefixes of servers that speak OpenAI's dialect at an `api_base` of the user's own.
COMPATIBLE: Final = frozenset({"custom_openai", "hosted_vllm", "litellm_proxy", "openai_like", "vllm"})
#: Prefixes that speak something else there.
DIALECTS: Final[Mapping[str, str]] = {
    "anthropic": "anthropic",
    "cohere": "cohere",
    "cohere_chat": "cohere",
    "gemini": "gemini",
}
#: Prefixes whose protocol or sign-in has no equivalent.
FOREIGN: Final = frozenset({"bedrock", "bedrock_converse", "sagemaker", "vertex_ai", "vertex_ai_beta", "watsonx"})
AZURE: Final = frozenset({"azure", "azure_ai"})

_KNOWN: Final = frozenset(ROWS) | COMPATIBLE | FOREIGN | AZURE
#: What it makes of a name without a prefix.
_BY_NAME: Final = (("gpt-", "openai"), ("o1", "openai"), ("o3", "openai"), ("o4", "openai"), ("claude", "anthropic"))
_DEFAULT: Final = "openai"


def split(model: str, custom: str | None) -> tuple[str, str]:
    """`openai/gpt-4o` -> (`openai`, `gpt-4o`). `custom` is its `custom_llm_provider`, which wins."""
    prefix, slash, rest = model.partition("/")
    if custom:
        return custom, rest if slash and prefix == custom else model
    if slash and prefix in _KNOWN:
        return prefix, rest
    return next((kind for begin, kind in _BY_NAME if model.startswith(begin)), "" if slash else _DEFAULT), model
