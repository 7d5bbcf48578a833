package integrations

import (
	"context"
	"slices"
	"time"
)

// Guard refuses URLs that the server will not call. A name that does not resolve yet passes.
type Guard interface {
	CheckURL(ctx context.Context, url string) error
}

// lookups bounds how long a request to create an integration waits for name servers. What they did
// not say by then is judged at each call.
const lookups = 2 * time.Second

// checkTargets refuses URLs that would be refused at each call. Those that the integration has
// already pass, so that it can be changed in other ways or turned off.
func (s *Service) checkTargets(ctx context.Context, urls, already []string) error {
	if s.Guard == nil {
		return nil
	}
	bounded, cancel := context.WithTimeout(ctx, lookups)
	defer cancel()
	for _, url := range urls {
		if slices.Contains(already, url) {
			continue
		}
		if err := s.Guard.CheckURL(bounded, url); err != nil {
			return err
		}
	}
	return nil
}
