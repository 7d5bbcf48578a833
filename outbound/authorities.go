package outbound

import (
	"crypto/x509"
	"errors"
)

// Authorities are certificates that may vouch for receivers beside the system's. The zero value has
// none.
type Authorities struct{ pem []byte }

// ParseAuthorities reads certificates in PEM.
func ParseAuthorities(pem []byte) (Authorities, error) {
	if !x509.NewCertPool().AppendCertsFromPEM(pem) {
		return Authorities{}, errors.New(`there is no certificate in PEM, which starts with "-----BEGIN CERTIFICATE-----"`)
	}
	return Authorities{pem: pem}, nil
}

// pool holds the system's authorities, these, and those of one call. It is nil where there are the
// system's alone.
func (a Authorities) pool(more string) (*x509.CertPool, error) {
	if len(a.pem) == 0 && more == "" {
		return nil, nil
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool() // a system without any
	}
	pool.AppendCertsFromPEM(a.pem)
	if more != "" && !pool.AppendCertsFromPEM([]byte(more)) {
		return nil, ErrInvalidAuthority
	}
	return pool, nil
}
