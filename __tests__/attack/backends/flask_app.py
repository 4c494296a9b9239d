"""gunicorn flask_app:app: each answer names the handler that served it."""

from flask import Flask, Response, request

app = Flask(__name__)


def answer(handler: str, status: int = 200) -> Response:
    return Response(status=status, headers={"x-handler": handler})


@app.before_request
def admin_host() -> Response | None:
    return answer("admin-host") if request.host.split(":")[0] == "admin.example.com" else None


@app.route("/admin")
@app.route("/admin/<path:rest>")
def admin(rest: str = "") -> Response:
    return answer("admin")


@app.route("/public")
@app.route("/public/<path:rest>")
def public(rest: str = "") -> Response:
    return answer("public")


@app.route("/closed")
def closed() -> Response:
    return answer("closed")


@app.route("/")
def root() -> Response:
    return answer("root")


@app.errorhandler(404)
def none(_error: Exception) -> Response:
    return answer("none", 404)
