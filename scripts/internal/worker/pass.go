package worker

// pass moves behind a value that no one reads. Faults in it may go unnoticed, and it may nest more
// deeply than a value that is built.
func (b *builder) pass() error {
	depth := 0
	for {
		switch b.skip() {
		case '"':
			if _, _, err := b.span(); err != nil {
				return err
			}
		case '{', '[':
			depth++
			b.at++
			continue
		case '}', ']':
			if depth--; depth < 0 {
				return b.unexpected()
			}
			b.at++
		case ',', ':':
			if depth == 0 {
				return b.unexpected()
			}
			b.at++
			continue
		case 0:
			return b.unexpected()
		default:
			b.word()
		}
		if depth == 0 {
			return nil
		}
	}
}

// word moves behind a number, or true, false or null.
func (b *builder) word() {
	for b.at < len(b.text) {
		switch b.text[b.at] {
		case ',', '}', ']', ' ', '\t', '\n', '\r':
			return
		}
		b.at++
	}
}
