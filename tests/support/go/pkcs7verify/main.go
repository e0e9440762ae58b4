// Command pkcs7verify verifies an attached CMS signature with the pkcs7 package that MDM servers
// written in Go use or descend from, up to one root, and writes what was signed.
//
// Usage: pkcs7verify ROOT.pem SIGNED CONTENT
package main

import (
	"crypto/x509"
	"errors"
	"fmt"
	"os"

	"github.com/fullsailor/pkcs7"
)

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: pkcs7verify ROOT.pem SIGNED CONTENT")
		os.Exit(2)
	}
	if err := verify(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, "refused:", err)
		os.Exit(1)
	}
	fmt.Println("accepted")
}

func verify(root, signed, content string) error {
	pem, err := os.ReadFile(root)
	if err != nil {
		return err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return errors.New("no certificate in " + root)
	}
	data, err := os.ReadFile(signed)
	if err != nil {
		return err
	}
	message, err := pkcs7.Parse(data)
	if err != nil {
		return err
	}
	// Verify() alone follows no chain: any certificate would do.
	if err := message.VerifyWithChain(roots); err != nil {
		return err
	}
	return os.WriteFile(content, message.Content, 0o600)
}
