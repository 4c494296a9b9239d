// backend PORT: each answer names the handler that served it.
package main

import (
	"log"
	"net/http"
	"os"
)

func handler(name string, status int) http.HandlerFunc {
	return func(response http.ResponseWriter, _ *http.Request) {
		response.Header().Set("x-handler", name)
		response.WriteHeader(status)
	}
}

func main() {
	mux := http.NewServeMux()
	mux.Handle("admin.example.com/", handler("admin-host", 200))
	for _, name := range []string{"admin", "public"} {
		mux.Handle("/"+name, handler(name, 200))
		mux.Handle("/"+name+"/", handler(name, 200))
	}
	mux.Handle("/closed", handler("closed", 200))
	mux.Handle("/{$}", handler("root", 200))
	mux.Handle("/", handler("none", 404))
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Args[1], mux))
}
