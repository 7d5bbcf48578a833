package schema

import "testing"

const incoming = `{"type":"webhook-incoming","name":"Deploys","enabled":true,"username":"rocket.cat","channel":"#general,@admin",
"scriptEnabled":true,"script":"class Script { process_incoming_request({ request }) { return { content: { text: request.content.text } }; } }",
"alias":"deploy bot","avatar":"https://example.com/a.png","emoji":":rocket:","overrideDestinationChannelEnabled":false}`

const outgoing = `{"type":"webhook-outgoing","name":"Echo","enabled":true,"username":"rocket.cat","channel":"#general","event":"sendMessage",
"urls":["https://example.com/hook","https://example.org/hook"],"scriptEnabled":false,"triggerWords":["!deploy","!rollback"],
"triggerWordAnywhere":false,"runOnEdits":true,"retryFailedCalls":true,"retryCount":6,"retryDelay":"powers-of-ten","token":"abc"}`

// BenchmarkValidateCreate measures Validate as a whole, and how much of it is each of its two validators.
func BenchmarkValidateCreate(b *testing.B) {
	s, _ := load(b).Lookup("integrations.create")
	for _, bb := range []struct{ name, body string }{{"incoming", incoming}, {"outgoing", outgoing}} {
		doc, err := Decode([]byte(bb.body))
		if err != nil {
			b.Fatal(err)
		}
		b.Run(bb.name+"/whole", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.Validate(doc); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(bb.name+"/walker", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s.walk(doc)
			}
		})
		b.Run(bb.name+"/judge", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := s.judge.accept(doc); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkDecodeCreate(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Decode([]byte(incoming)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Load(); err != nil {
			b.Fatal(err)
		}
	}
}
