// Modules that carry configurations of Envoy which nobody here wrote; the tests read those, and nothing else of them.
module cdktf-envoy-sidecar/outside

go 1.24

require (
	github.com/envoyproxy/go-control-plane v0.14.0
	github.com/envoyproxy/ratelimit v1.4.1-0.20260122083618-3fb702589d36
)
