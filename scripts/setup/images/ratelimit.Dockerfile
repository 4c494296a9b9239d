# Stand-in for envoyproxy/ratelimit, which has the program at the same place and no shell either.
FROM scratch
COPY ratelimit /bin/ratelimit
