"""The API of the deploy tests: the API of the example with paths for its version and for slow and large responses."""

import asyncio
import os

from fastapi import FastAPI, Request, Response

app = FastAPI()


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}


@app.get("/calculate")
async def calculate(x: float = 2) -> dict[str, float]:
    return {"x": x, "result": x**2}


@app.get("/version")
async def version() -> dict[str, str]:
    return {"version": os.environ.get("VERSION", "none")}


@app.api_route("/slow", methods=["GET", "POST"])
async def slow(seconds: float) -> dict[str, float]:
    await asyncio.sleep(seconds)
    return {"seconds": seconds}


@app.get("/large")
async def large(kib: int = 1024) -> Response:
    return Response(b"x" * kib * 1024)


@app.post("/upload")
async def upload(request: Request) -> dict[str, int]:
    return {"bytes": len(await request.body())}


@app.get("/header/{name}")
async def header(name: str, request: Request) -> str | None:
    return request.headers.get(name)
