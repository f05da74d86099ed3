// Fetches each address and prints its status. The certificate is named by SSL_CERT_FILE.
package main

import (
	"fmt"
	"net/http"
	"os"
)

func main() {
	client := http.Client{Transport: &http.Transport{}}
	for _, address := range os.Args[1:] {
		answer, err := client.Get(address)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		answer.Body.Close()
		fmt.Println(answer.StatusCode)
	}
}
