# Stand-in for envoyproxy/envoy: the release binary, and its user with the same number.
ARG BASE
FROM ${BASE}
RUN groupadd --gid 101 envoy && useradd --uid 101 --gid 101 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin envoy
COPY envoy /usr/local/bin/envoy
