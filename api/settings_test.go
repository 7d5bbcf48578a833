package api_test

import "testing"

func TestSettings(t *testing.T) {
	t.Parallel()
	s := start(t)
	bob := s.user("bob", "user")
	const path = "/api/v1/settings/"
	t.Run("read", func(t *testing.T) {
		s := s.in(t)
		s.get(account{}, "/api/v1/info").says(200, `{"version":"7.0","success":true}`)
		s.get(account{}, "/api/info").says(200, `{"version":"7.0","success":true}`)
		s.get(bob, "/api/v1/info").says(200, `{"version":"7.0","success":true}`)
		s.get(account{id: bob.id, token: "wrong"}, "/api/v1/info").says(200, `{"version":"7.0","success":true}`)
		if d := differ(s.get(s.admin, "/api/v1/info").is(200).doc(), doc{"version": "7.0", "info": doc{"version": "7.0.0"}}); d != "" {
			t.Errorf("info of who holds get-server-info (-want +got):\n%s", d)
		}
		public := s.get(account{}, "/api/v1/settings.public").is(200)
		if d := differ(public.doc(), doc{"count": 4.0, "offset": 0.0, "total": 4.0, "settings": []any{
			doc{"_id": "FileUpload_Enabled", "value": true},
			doc{"_id": "FileUpload_MaxFileSize", "value": 104857600.0},
			doc{"_id": "Message_MaxAllowedSize", "value": 5000.0},
			doc{"_id": "Site_Url", "value": "http://localhost:3000"},
		}}); d != "" {
			t.Errorf("settings.public (-want +got):\n%s", d)
		}
		if got := s.get(bob, "/api/v1/settings").is(200).at("total"); got != 4.0 {
			t.Errorf("a user sees %v settings, want 4", got)
		}
		if got := s.get(s.admin, "/api/v1/settings?count=3&offset=1").is(200); got.at("total").(float64) < 10 || got.at("count") != 3.0 || got.text("settings", 0, "_id") != "API_CORS_Origin" {
			t.Errorf("a page: %s", got.body)
		}
		if got := s.get(s.admin, "/api/v1/settings?_id=Site_Url,API_CORS_Origin").is(200).at("total"); got != 2.0 {
			t.Errorf("two ids answer %v settings", got)
		}
		s.get(s.admin, path+"API_CORS_Origin").says(200, `{"_id":"API_CORS_Origin","value":"*","success":true}`)
		s.get(bob, path+"API_CORS_Origin").fails(403, "User does not have the permissions required for this action [error-unauthorized]", "")
		s.get(s.admin, path+"Nothing").fails(400, "There is no setting of that id [error-invalid-setting]", "error-invalid-setting")
	})
	t.Run("change", func(t *testing.T) {
		s := s.in(t)
		s.post(bob, path+"Message_MaxAllowedSize", doc{"value": 3}).fails(403, "User does not have the permissions required for this action [error-unauthorized]", "")
		for _, wrong := range []struct {
			id    string
			value any
			want  string
		}{
			{"Message_MaxAllowedSize", "3", "a whole number, at least 1"},
			{"Message_MaxAllowedSize", 1.5, "a whole number, at least 1"},
			{"Message_MaxAllowedSize", 0, "a whole number, at least 1"},
			{"Message_MaxAllowedSize", nil, "a whole number, at least 1"},
			{"API_Enable_CORS", 1, "true or false"},
			{"API_CORS_Origin", true, "a text"},
			{"API_CORS_Origin", doc{}, "a text"},
		} {
			s.post(s.admin, path+wrong.id, doc{"value": wrong.value}).fails(400, "The value of this setting has to be "+wrong.want+" [error-invalid-setting-value]", "error-invalid-setting-value")
		}
		s.post(s.admin, path+"Site_Url", doc{"value": "http://x"}).fails(400, "This setting follows ROOT_URL, an option of the server [error-action-not-allowed]", "error-action-not-allowed")
		s.post(s.admin, path+"Nothing", doc{"value": 1}).fails(400, "There is no setting of that id [error-invalid-setting]", "error-invalid-setting")
		s.post(s.admin, path+"API_CORS_Origin", doc{}).fails(400, missing("value")+" [invalid-params]", "invalid-params")

		s.post(s.admin, path+"Message_MaxAllowedSize", doc{"value": 3}).says(200, done)
		s.post(s.admin, "/api/v1/chat.postMessage", doc{"channel": "#general", "text": "four"}).fails(400, "Message size exceeds Message_MaxAllowedSize [error-message-size-exceeded]", "error-message-size-exceeded")
		stored, err := s.store.Settings(t.Context())
		must(t, err)
		for _, setting := range stored {
			if setting.ID == "Message_MaxAllowedSize" && string(setting.Value) != "3" {
				t.Errorf("stored value %s, want 3", setting.Value)
			}
		}
		s.post(s.admin, path+"API_CORS_Origin", doc{"value": "https://a.example"}).is(200)
		s.do(request{method: "OPTIONS", path: "/api/v1/me", header: map[string]string{"Origin": "https://b.example"}}).is(403)
	})
}
