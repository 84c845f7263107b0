"""A small server of Toxiproxy's HTTP API for tests where the real one cannot be had, with a TCP proxy behind it.

python toxiproxy_server.py NAME LISTEN_PORT UPSTREAM_HOST UPSTREAM_PORT

Written from the real one's documentation and its behaviour where it matters: a toxic whose toxicity is 0 lets all pass,
one of type `timeout` closes what it has held when it is removed, a proxy that is not enabled closes and refuses.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

TYPES = {"latency", "timeout", "reset_peer", "bandwidth", "slicer", "slow_close", "limit_data"}


class Proxy:
    """One listener; toxics of the stream downstream act on what comes from upstream."""

    def __init__(self, name: str, port: int, host: str, upstream: int) -> None:
        self.name, self.port, self.host, self.upstream = name, port, host, upstream
        self.toxics: dict[str, dict[str, Any]] = {}
        self.server: asyncio.Server | None = None
        self.links: dict[asyncio.StreamWriter, asyncio.StreamWriter] = {}
        self.held: dict[str, set[asyncio.StreamWriter]] = {}

    def shown(self) -> dict[str, Any]:
        where = {"listen": f"[::]:{self.port}", "upstream": f"{self.host}:{self.upstream}"}
        return {"name": self.name, **where, "enabled": self.server is not None, "toxics": list(self.toxics.values())}

    async def enable(self, enabled: bool) -> None:
        if enabled and self.server is None:
            self.server = await asyncio.start_server(self.accept, "0.0.0.0", self.port)
        elif not enabled and self.server is not None:
            self.server.close()
            self.server = None
            for one, other in list(self.links.items()):
                one.close()
                other.close()

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(self.host, self.upstream)
        self.links[writer] = back
        await asyncio.gather(
            self.pipe(reader, back, "upstream"), self.pipe(there, writer, "downstream"), return_exceptions=True
        )
        self.links.pop(writer, None)

    async def pipe(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, stream: str) -> None:
        while data := await reader.read(65536):
            for toxic in list(self.toxics.values()):
                if toxic["stream"] != stream or toxic["toxicity"] == 0:
                    continue
                if toxic["type"] == "timeout":
                    self.held.setdefault(toxic["name"], set()).add(writer)
                    data = b""
                elif toxic["type"] == "latency":
                    await asyncio.sleep(toxic["attributes"]["latency"] / 1000)
            writer.write(data)
            await writer.drain()
        writer.close()

    def remove(self, name: str) -> None:
        toxic = self.toxics.pop(name)
        for writer in self.held.pop(name, set()) if toxic["type"] == "timeout" else ():
            writer.close()


class Api:
    """The endpoints that a client needs."""

    def __init__(self, proxy: Proxy) -> None:
        self.proxy = proxy

    async def answer(self, method: str, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        match (method, path.strip("/").split("/")):
            case ("GET", ["proxies"]):
                return 200, {self.proxy.name: self.proxy.shown()}
            case (_, ["proxies", name, *_]) if name != self.proxy.name:
                return 404, {"error": "proxy not found", "status": 404}
            case ("POST" | "PATCH", ["proxies", _]):
                await self.proxy.enable(body.get("enabled", self.proxy.server is not None))
                return 200, self.proxy.shown()
            case ("GET", ["proxies", _, "toxics"]):
                return 200, list(self.proxy.toxics.values())
            case ("POST", ["proxies", _, "toxics"]):
                return self.create(body)
            case (_, ["proxies", _, "toxics", toxic]) if toxic not in self.proxy.toxics:
                return 404, {"error": "toxic not found", "status": 404}
            case ("POST" | "PATCH", ["proxies", _, "toxics", toxic]):
                known = self.proxy.toxics[toxic]
                known["attributes"].update(body.get("attributes", {}))
                known["toxicity"] = body.get("toxicity", known["toxicity"])
                return 200, known
            case ("DELETE", ["proxies", _, "toxics", toxic]):
                self.proxy.remove(toxic)
                return 204, None
        return 404, {"error": "not found", "status": 404}

    def create(self, body: dict[str, Any]) -> tuple[int, Any]:
        if body["type"] not in TYPES:
            return 400, {"error": "invalid toxic type", "status": 400}
        stream = body.get("stream", "downstream")
        name = body.get("name") or f"{body['type']}_{stream}"
        if name in self.proxy.toxics:
            return 409, {"error": "toxic already exists", "status": 409}
        toxicity, attributes = body.get("toxicity", 1.0), body.get("attributes", {})
        toxic = {"name": name, "type": body["type"], "stream": stream, "toxicity": toxicity, "attributes": attributes}
        self.proxy.toxics[name] = toxic
        return 200, toxic

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        method, path, _ = (await reader.readline()).decode().split(" ", 2)
        length = 0
        while (line := (await reader.readline()).decode().strip().lower()) != "":
            if line.startswith("content-length:"):
                length = int(line.split(":")[1])
        body = json.loads(await reader.readexactly(length)) if length else {}
        status, told = await self.answer(method, path, body)
        content = b"" if told is None else json.dumps(told).encode()
        head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n"
        writer.write(f"{head}Connection: close\r\n\r\n".encode() + content)
        await writer.drain()
        writer.close()


async def main(name: str, port: str, host: str, upstream: str) -> None:
    proxy = Proxy(name, int(port), host, int(upstream))
    await proxy.enable(True)
    server = await asyncio.start_server(Api(proxy).serve, "0.0.0.0", 8474)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
