"""uvicorn fastapi_app:app: each answer names the handler that served it."""

from fastapi import FastAPI, Response

app = FastAPI()
admin_host = FastAPI()


def answer(handler: str, status: int = 200) -> Response:
    return Response(status_code=status, headers={"x-handler": handler})


app.host("admin.example.com", admin_host)


@admin_host.get("/{rest:path}")
def on_admin_host() -> Response:
    return answer("admin-host")


@app.get("/admin")
@app.get("/admin/{rest:path}")
def admin() -> Response:
    return answer("admin")


@app.get("/public")
@app.get("/public/{rest:path}")
def public() -> Response:
    return answer("public")


@app.get("/closed")
def closed() -> Response:
    return answer("closed")


@app.get("/")
def root() -> Response:
    return answer("root")


@app.get("/{rest:path}")
def none() -> Response:
    return answer("none", 404)
