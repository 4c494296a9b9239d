"""The small web API of the example: it simulates a machine learning service."""

from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()


class Health(BaseModel):
    status: str


class Calculation(BaseModel):
    x: float
    result: float


@app.get("/health")
async def health() -> Health:
    return Health(status="ok")


@app.get("/calculate")
async def calculate(x: float = 2) -> Calculation:
    return Calculation(x=x, result=x**2)
