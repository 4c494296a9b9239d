# Stand-in for tiangolo/uvicorn-gunicorn-fastapi: `uvicorn api:app` with the program in /app.
ARG BASE
FROM ${BASE}
COPY packages /usr/local/lib/python3.11/dist-packages
# Compiled here, because a container with a read-only file system can't keep what it compiles.
RUN python3 -m compileall -q /usr/local/lib/python3.11/dist-packages \
 && printf '#!/bin/sh\nexec python3 -m uvicorn "$@"\n' > /usr/local/bin/uvicorn \
 && chmod 755 /usr/local/bin/uvicorn
ENV PYTHONUNBUFFERED=1
WORKDIR /app
