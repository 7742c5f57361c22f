#!/bin/sh
# Installs what the tests of Node.js clients need into tests/e2e/node/node_modules. Without npm or a registry the tests
# say NOT CHECKED and the rest runs; with REQUIRE_NODE=1 that is an error.
set -u
node="$(dirname "$0")/node"

give_up() {
    echo "********************************************************************************" >&2
    echo "  $1" >&2
    echo "  The tests of the OpenAI SDK for Node.js (tests/e2e/test_openai_node.py) WILL NOT RUN." >&2
    echo "********************************************************************************" >&2
    exit "${REQUIRE_NODE:-0}"
}

# What is there is used if it is the version that package.json asks for.
wanted="$(sed -n 's/.*"openai": "\(.*\)".*/\1/p' "$node/package.json")"
grep -qs "\"version\": \"$wanted\"" "$node/node_modules/openai/package.json" &&
    [ -d "$node/node_modules/openai-v3" ] && exit 0

command -v node >/dev/null && command -v npm >/dev/null || give_up "node and npm are not installed."
npm install --prefix "$node" --no-package-lock --no-save --no-audit --no-fund --ignore-scripts --loglevel error ||
    give_up "npm could not install openai@$wanted."
