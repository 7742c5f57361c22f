"""The ways to knock at a door: every form a key can be sent in, and every way to write a path that is not the path."""

from collections.abc import Callable, Mapping

from g4f.api.app import ROUTES

KEY = "0123456789abcdef"
#: A route's parameters, filled in so that the route matches and would answer with the right key.
_FILLED = {
    "{provider}": "Demo",
    "{conversation_id:(?!v1/)[^/]+}": "c-1",
    "{model:.+}": "demo",
    "{model}": "demo",
    "{id}": "resp_1",
    "{call:[A-Za-z]+}": "generateContent",
    "{filename:.*}": "x.png",
}

#: Header lines that must let nobody in. The right key in a wrong place is as good as none.
FORMS: Mapping[str, tuple[str, ...]] = {
    "nothing": (),
    "wrong": ("Authorization: Bearer wrong",),
    "empty": ("Authorization:",),
    "scheme only": ("Authorization: Bearer",),
    "scheme and space": ("Authorization: Bearer ",),
    "bare key": (f"Authorization: {KEY}",),
    "basic": (f"Authorization: Basic {KEY}",),
    "digest": (f"Authorization: Digest {KEY}",),
    "tab": (f"Authorization: Bearer\t{KEY}",),
    "no space": (f"Authorization: Bearer{KEY}",),
    "two in one": (f"Authorization: Bearer {KEY}, Bearer {KEY}",),
    "quoted": (f'Authorization: Bearer "{KEY}"',),
    "prefix": (f"x-api-key: {KEY[:-1]}",),
    "no-break space": (f"Authorization: Bearer \xc2\xa0{KEY}",),
    "suffix": (f"x-api-key: {KEY[1:]}",),
    "longer": (f"x-api-key: {KEY}0",),
    "inner space": (f"x-api-key: {KEY[:8]} {KEY[8:]}",),
    "upper case": (f"x-api-key: {KEY.upper()}",),
    "its digest": ("x-api-key: sha256:9f9f5111f7b27a781f1f1ddde5ebc2dd2b796bfc7365c9c28b548e564176929f",),
    "latin-1": ("x-api-key: schl\xfcssel",),
    "utf-8": ("x-api-key: 🔑".encode().decode("latin-1"),),
    "lone byte": ("x-api-key: \x80",),
    "ten kilobytes": ("x-api-key: " + "k" * 10_240,),
    "cookie": (f"Cookie: api_key={KEY}; x-api-key={KEY}",),
    "other header": (f"api-key: {KEY}",),
    "underscores": (f"x_api_key: {KEY}", f"g4f_api_key: {KEY}"),
    "proxy authorization": (f"Proxy-Authorization: Bearer {KEY}",),
    "forwarded": (f"X-Forwarded-Authorization: Bearer {KEY}", "X-Forwarded-For: 127.0.0.1", "X-Real-IP: 127.0.0.1"),
    "method override": ("X-HTTP-Method-Override: GET", "X-Original-URL: /livez", "X-Rewrite-URL: /livez"),
}
#: Two different values are refused as such, also where one of them is right: 400.
TWO_KEYS: Mapping[str, tuple[str, ...]] = {
    "right and wrong": (f"x-api-key: {KEY}", "Authorization: Bearer wrong"),
    "wrong and right": ("x-api-key: wrong", f"Authorization: Bearer {KEY}"),
    "repeated": (f"x-api-key: {KEY}", "x-api-key: wrong"),
    "repeated bearer": (f"Authorization: Bearer {KEY}", "Authorization: Bearer wrong"),
    "three": (f"x-api-key: {KEY}", f"g4f-api-key: {KEY}", "Authorization: Bearer wrong"),
}
#: Other ways to write a path; a server that decides by the text of a path is fooled by some of them.
MUTATORS: Mapping[str, Callable[[str], str]] = {
    "as it is": lambda path: path,
    "double slash in front": lambda path: "/" + path,
    "double slash inside": lambda path: path[0] + path[1:].replace("/", "//"),
    "dot": lambda path: "/." + path,
    "dot dot": lambda path: "/livez/.." + path,
    "encoded dot dot": lambda path: "/livez/%2e%2e" + path,
    "encoded slash": lambda path: path[0] + path[1:].replace("/", "%2f"),
    "encoded letter": lambda path: f"/%{ord(path[1:2] or '/'):02x}{path[2:]}",
    "twice encoded": lambda path: f"/%25{ord(path[1:2] or '/'):02x}{path[2:]}",
    "upper case": str.upper,
    "slash behind": lambda path: path + "/",
    "parameters": lambda path: path + ";/livez",
    "matrix": lambda path: path + ";jsessionid=1",
    "query": lambda path: path + "?path=/livez&key=" + KEY,
    "key in the query": lambda path: f"{path}?api_key={KEY}&key={KEY}&x-api-key={KEY}",
    "fragment": lambda path: path + "#/livez",
    "encoded fragment": lambda path: path + "%23/livez",
    "NUL": lambda path: path + "%00",
    "NUL and liveness": lambda path: path + "%00/livez",
    "line break": lambda path: path + "%0d%0a",
    "backslash": lambda path: path.replace("/", "\\"),
    "encoded backslash": lambda path: "/livez%5c..%5c" + path,
    "overlong utf-8": lambda path: "/livez/%c0%ae%c0%ae" + path,
    "full-width letters": lambda path: path + "/%ef%bc%8e",
    "liveness behind": lambda path: path + "/livez",
    "liveness in front": lambda path: "/livez" + path,
    "readiness with a dot": lambda path: "/readyz/." + path,
    "user info": lambda path: "//livez@localhost" + path,
    "absolute": lambda path: "http://localhost" + path,
    "absolute elsewhere": lambda path: "http://evil.example" + path,
    "dot behind": lambda path: path + ".",
    "dot dot behind": lambda path: path + "/..",
    "semicolon in front": lambda path: path.replace("/", "/;a=b/", 1),
    "overlong slash": lambda path: path[0] + path[1:].replace("/", "%c0%af"),
    "bad escape": lambda path: path + "%zz",
    "NUL inside": lambda path: path[0] + "%00" + path[1:],
    "out of the docs": lambda path: "/docs/.." + path,
    "out of the media": lambda path: "/media/..%2f" + path[1:],
    "out of a provider": lambda path: "/api/Demo/.." + path,
    "no slash": lambda path: path[1:] or "x",
    "very long": lambda path: path + "/" + "a" * 9000,
}


def routes() -> list[tuple[str, str]]:
    """(method, path) of every route of the server."""
    return [(route.method, _filled(route.path)) for route in ROUTES]


def _filled(path: str) -> str:
    for name, value in _FILLED.items():
        path = path.replace(name, value)
    assert "{" not in path, f"say in {__name__} what stands for the parameters of {path}"
    return path
