"""The browsable page of the API: plain HTML made of the OpenAPI document, without scripts, so that any policy allows it."""

import json
import re
from collections.abc import Iterator
from html import escape
from typing import Any

from server.uploads import tus

STYLE = "/docs/style.css"
ICON = "/icon.svg"
LOOK, LOOK_LIGHT = "/look.css", "/look-light.css"
"""Of the web client, as its icon is: typeface, colours, distances. The edge serves them; without it the page is plain."""
CODE = re.compile(r"`([^`\n]+)`")
CSS = """
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 60rem; padding: var(--8) var(--4); background: var(--ink); color: var(--text);
       font: var(--regular) var(--body) / 1.5 var(--font); -webkit-font-smoothing: antialiased }
h1, h2 { line-height: 1.2; font-weight: var(--strong); letter-spacing: -.01em }
h1 { font-size: var(--display); margin: 0 0 var(--2) }
h2 { font-size: var(--title); margin: var(--8) 0 var(--3) }
a { color: var(--accent); text-underline-offset: 3px }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 4px }
details { background: var(--surface); border: 1px solid var(--line); border-radius: var(--round); margin: var(--2) 0;
          padding: 0 var(--4); overflow-x: auto }
details[open] { padding-bottom: var(--3) }
summary { cursor: pointer; min-height: var(--tap); padding: var(--3) 0; overflow-wrap: anywhere }
summary::marker { color: var(--quiet) }
code { font: .9em ui-monospace, monospace; background: var(--raised); border-radius: 6px; padding: 1px 5px }
summary > code { background: none; padding: 0 var(--2) 0 0 }
pre { font: .85em/1.5 ui-monospace, monospace; background: var(--raised); border-radius: 6px; padding: var(--2) var(--3);
      margin: var(--2) 0; overflow-x: auto }
.method { display: inline-block; font-weight: var(--strong); min-width: 4.5rem }
table { border-spacing: 0 }
td { padding: var(--1) var(--4) var(--1) 0; vertical-align: top; white-space: pre-line }
"""


def page(document: dict[str, Any]) -> str:
    """The whole page."""
    return "".join(_page(document))


def _page(document: dict[str, Any]) -> Iterator[str]:
    yield '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    yield f'<title>reelwire API</title><link rel="icon" href="{ICON}"><link rel="stylesheet" href="{LOOK}">'
    yield f'<link rel="stylesheet" href="{LOOK_LIGHT}" media="(prefers-color-scheme: light)">'
    yield f'<link rel="stylesheet" href="{STYLE}">'
    yield '<h1>reelwire API</h1><p>The same as data: <a href="/api/v1/openapi.json">OpenAPI 3.1</a>, '
    yield '<a href="/api/v1/asyncapi.json">AsyncAPI of the socket</a>.</p>'
    yield "<p>In a shell: <code>ORIGIN</code> is the address of this page's server, <code>TOKEN</code> the "
    yield "<code>access_token</code> that a log-in answers.</p>"
    yield "<nav>" + " · ".join(f'<a href="#{escape(tag["name"])}">{escape(tag["name"])}</a>' for tag in document["tags"])
    yield ' · <a href="#shapes">shapes</a></nav>'
    tag = None
    for path, method, operation in sorted(_operations(document), key=lambda o: (o[2]["tags"], o[0])):
        if operation["tags"][0] != tag:
            tag = operation["tags"][0]
            yield f'<h2 id="{escape(tag)}">{escape(tag)}</h2>'
        yield from _operation(path, method, operation)
    yield '<h2 id="shapes">Shapes</h2>'
    for name, schema in sorted(document["components"]["schemas"].items()):
        yield f'<details id="{escape(name)}"><summary>{escape(name)}</summary>{_schema(schema)}</details>'


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def _operation(path: str, method: str, operation: dict[str, Any]) -> Iterator[str]:
    yield f'<details><summary><span class="method">{method.upper()}</span> <code>{escape(path)}</code> '
    yield f"{_prose(operation['summary'])}</summary>"
    if "description" in operation:
        yield f"<p>{_prose(operation['description'])}</p>"
    for parameter in operation["parameters"]:
        yield f"<p><code>{escape(parameter['name'])}</code> ({parameter['in']}): {_prose(parameter['description'])}</p>"
    body = operation.get("requestBody", {})
    if "description" in body:
        yield f"<p>{_prose(body['description'])}</p>"
    for kind, content in body.get("content", {}).items():
        yield f"<p>Takes {escape(kind)}: {_reference(content['schema'])}</p>"
    yield f"<pre>{escape(_curl(path, method, operation))}</pre><table>"
    for status, answer in operation["responses"].items():
        shapes = " ".join(_reference(content["schema"]) for content in answer.get("content", {}).values())
        headers = ", ".join(f"<code>{escape(name)}</code>" for name in answer.get("headers", {}))
        yield f"<tr><td>{status}<td>{_prose(answer['description'])}<td>{shapes or headers}"
    yield "</table></details>"


def _curl(path: str, method: str, operation: dict[str, Any]) -> str:
    """How one asks for it in a shell; names in braces and variables are for the reader to fill in."""
    asked = ["curl", f"-X {method.upper()}" if method != "head" else "--head"]
    if {"bearer": []} in operation["security"]:
        asked.append('-H "Authorization: Bearer $TOKEN"')
    asked += [f"-H '{p['name']}: …'" for p in operation["parameters"] if p["in"] == "header" and p["required"]]
    content = operation.get("requestBody", {}).get("content", {})
    told_in_words = [tus.MEDIA_TYPE] if "description" in operation.get("requestBody", {}) else []
    for kind in (*content, *told_in_words)[:1]:
        if kind == "multipart/form-data":
            asked.append("-F file=@clip.mp4 -F title='Low tide'")
        elif examples := content.get(kind, {}).get("examples"):
            told = json.dumps(next(iter(examples.values()))["value"], ensure_ascii=False)
            asked.append(f"--json '{told}'")
        else:
            asked.append(f"-H 'Content-Type: {kind}' --data-binary @file")
    return " \\\n  ".join([" ".join(asked[:2]), *asked[2:], f'"$ORIGIN{path}"'])


def _reference(schema: dict[str, Any]) -> str:
    if schema.get("format") == "binary":
        return "bytes"
    if "$ref" not in schema:
        return _schema(schema)
    name = schema["$ref"].rpartition("/")[2]
    return f'<a href="#{escape(name)}">{escape(name)}</a>'


def _schema(schema: dict[str, Any]) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(name)}</code><td>{_type(part)}<td>{'required' if name in schema.get('required', []) else ''}"
        f"<td>{_prose(part.get('description', ''))}"
        for name, part in schema.get("properties", {}).items()
    )
    return f"<p>{_prose(schema.get('description', ''))}</p><table>{rows}</table>"


def _prose(text: str) -> str:
    """As HTML; what stands in backticks is code."""
    return CODE.sub(r"<code>\1</code>", escape(text))


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return _reference(schema)
    if "anyOf" in schema:
        return " or ".join(_type(part) for part in schema["anyOf"])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    if "enum" in schema:
        return "one of " + ", ".join(f"<code>{escape(str(value))}</code>" for value in schema["enum"])
    words = [str(schema.get("format") or schema.get("type") or "one of")]
    words += [f"{key} {value}" for key, value in schema.items() if key not in ("type", "format", "description", "default")]
    return escape(", ".join(words))
