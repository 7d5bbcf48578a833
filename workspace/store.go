package workspace

import (
	"context"
	"io"
	"time"
)

// Store keeps the workspace. Every method either does all that it says or nothing. Reads of
// one record answer ErrNotFound, writes that break a uniqueness answer ErrConflict, writes on a
// full disk ErrFull; while what keeps the data cannot be reached, all answer ErrUnavailable. A store
// never reads the clock.
type Store interface {
	SeedStore
	UserStore
	SessionStore
	RoomStore
	MessageStore
	FileStore
	SettingStore
}

// SeedStore makes the first records of a new workspace.
type SeedStore interface {
	// Seeded reports whether Seed has finished once.
	Seeded(ctx context.Context) (bool, error)
	// Seed writes the first records; it may be called again after a crash in its middle.
	Seed(ctx context.Context, seed Seed) error
	// Supplement adds the roles, permissions, settings and secrets of the seed that are missing. What
	// is there stays as it is.
	Supplement(ctx context.Context, seed Seed) error
	// Secret answers a secret of the server by name.
	Secret(ctx context.Context, name string) ([]byte, error)
	Roles(ctx context.Context) ([]Role, error)
}

// UserStore keeps users. Usernames and e-mail addresses are unique without regard to case.
type UserStore interface {
	// AddUser adds a user, the rooms they are in, the effects of that and the notices that tell of it.
	AddUser(ctx context.Context, u User, in []Subscription, effects []Effect, notices ...Message) error
	User(ctx context.Context, id string) (User, error)
	UserByUsername(ctx context.Context, username string) (User, error)
	UserByEmail(ctx context.Context, email string) (User, error)
	// Users answers one page of the users that match, and how many match in all.
	Users(ctx context.Context, filter UserFilter, page Page) ([]User, int, error)
	AddUserRole(ctx context.Context, userID, role string, at time.Time) error
	RemoveUserRole(ctx context.Context, userID, role string, at time.Time) error
	// SetPassword replaces the password's hash and ends every login of the user but the one with the
	// hash keep. Personal access tokens stay.
	SetPassword(ctx context.Context, userID string, hash []byte, at time.Time, keep string) error
	// SaveUser replaces a user. Rooms that name them follow a new name; messages keep the name under
	// which they were written.
	SaveUser(ctx context.Context, u User) error
	// SaveUserAndEndLogins is SaveUser and, in the same write, ends every login of the user but the one
	// with the hash keep. Personal access tokens stay.
	SaveUserAndEndLogins(ctx context.Context, u User, keep string) error
	// RemoveUser removes a user with their sessions, subscriptions, direct rooms and messages.
	RemoveUser(ctx context.Context, userID string) error
}

// SessionStore keeps logins and personal access tokens, whose names are unique for each user.
type SessionStore interface {
	// AddSession adds a session of a user, who must be there.
	AddSession(ctx context.Context, s Session) error
	// SessionUser answers the session with that hash and the user it belongs to.
	SessionUser(ctx context.Context, hash string) (Session, User, error)
	RemoveSession(ctx context.Context, hash string) error
	// Sessions answers the sessions of a user, the oldest first.
	Sessions(ctx context.Context, userID string) ([]Session, error)
	// RemoveLogins ends every login of a user but the one with the hash keep. Personal access tokens
	// stay.
	RemoveLogins(ctx context.Context, userID, keep string) error
	// RemoveExpired forgets the logins that have ended before the given time.
	RemoveExpired(ctx context.Context, before time.Time) error
}

// RoomStore keeps rooms and who is in them. Names are unique among channels and groups.
type RoomStore interface {
	// AddRoom adds a room, its first members, the effects of that and the notices that tell of it.
	AddRoom(ctx context.Context, r Room, members []Subscription, effects []Effect, notices ...Message) error
	// SaveRoom replaces a room and adds effects and notices, at once.
	SaveRoom(ctx context.Context, r Room, effects []Effect, notices ...Message) error
	// RemoveRoom removes a room with all that stands in it and who is in it. Of a team whose main room
	// it is, the other rooms are in no team any more.
	RemoveRoom(ctx context.Context, id string) error
	Room(ctx context.Context, id string) (Room, error)
	RoomByName(ctx context.Context, name string) (Room, error)
	Rooms(ctx context.Context, filter RoomFilter, page Page) ([]Room, int, error)
	// Join adds subscriptions with what they lead to and what tells of them. One that exists already
	// stays as it is, and leads to nothing.
	Join(ctx context.Context, joins []Join) error
	// Leave removes a subscription and adds effects and notices, at once.
	Leave(ctx context.Context, roomID, userID string, effects []Effect, notices ...Message) error
	Subscription(ctx context.Context, roomID, userID string) (Subscription, error)
	AddRoomRole(ctx context.Context, roomID, userID, role string) error
	RemoveRoomRole(ctx context.Context, roomID, userID, role string) error
	// Members answers one page of the users in a room, by username, and how many match in all.
	Members(ctx context.Context, roomID, filter string, page Page) ([]User, int, error)
	// RoomStats counts what stands in a room.
	RoomStats(ctx context.Context, roomID string) (RoomStats, error)
}

// MessageStore keeps messages, and the effects that they lead to.
type MessageStore interface {
	// AddMessages stores the messages and their effects at once: all of them or nothing. The files that
	// they show belong to them from then on; one that does not wait for a message is ErrNotFound.
	AddMessages(ctx context.Context, messages []Message, effects []Effect) error
	// SaveMessage replaces a message and adds effects, at once.
	SaveMessage(ctx context.Context, m Message, effects []Effect) error
	Message(ctx context.Context, id string) (Message, error)
	// RemoveMessage removes a message with its files.
	RemoveMessage(ctx context.Context, id string) error
	// RemoveOldMessages forgets up to limit messages of a room that are not kept, the oldest first, and
	// answers how many.
	RemoveOldMessages(ctx context.Context, roomID string, kept Kept, limit int) (int, error)
	// Messages answers one page of the messages that match, the newest first unless the page sorts,
	// and how many match in all.
	Messages(ctx context.Context, filter MessageFilter, page Page) ([]Message, int, error)
}

// FileStore keeps files, whose contents may be large and are never in memory as a whole. A file waits
// until a message shows it, and goes with that message.
type FileStore interface {
	// AddFile keeps a file and its content, which is read to its end, and answers it with its size.
	// Once it is answered, the content is on disk. After an error, which may be the content's own,
	// nothing of it stays; what a crash leaves is swept by RemoveWaitingFiles.
	AddFile(ctx context.Context, f File, content io.Reader) (File, error)
	File(ctx context.Context, id string) (File, error)
	// OpenFile opens a file's content at its beginning. The caller closes it.
	OpenFile(ctx context.Context, id string) (io.ReadSeekCloser, error)
	// RemoveWaitingFile removes a file that no message shows; ErrNotFound where there is none.
	RemoveWaitingFile(ctx context.Context, id string) error
	// RemoveWaitingFiles removes the files that have waited since before that time, and the contents
	// of which nothing else is left.
	RemoveWaitingFiles(ctx context.Context, before time.Time) error
}

// SettingStore keeps settings as JSON text by id.
type SettingStore interface {
	Settings(ctx context.Context) ([]Setting, error)
	// SaveSetting adds a setting or replaces its value.
	SaveSetting(ctx context.Context, setting Setting) error
}

// Kept says what stays of a list when the old goes: what is not before Since, and of that the newest.
type Kept struct {
	Since  time.Time // zero: no bound
	Newest int       // zero: no bound
}

// Join is a new subscription with its effects and the notices that tell of it.
type Join struct {
	Subscription Subscription
	Effects      []Effect
	Notices      []Message
}

// Page asks for a part of a list.
type Page struct {
	Offset int
	Count  int // zero: all
	Sort   []Order
}

// by is the page in the order of that field, where it asks for none.
func (p Page) by(field string) Page {
	if p.Sort == nil {
		p.Sort = []Order{{Field: field}}
	}
	return p
}

// Order sorts by a field, named as on the wire. A field that a list does not know is ignored.
type Order struct {
	Field      string
	Descending bool
}

// UserFilter narrows a list of users.
type UserFilter struct {
	Text string // part of username, name or e-mail address, without regard to case
}

// RoomFilter narrows a list of rooms.
type RoomFilter struct {
	Type   RoomType
	TeamID string // rooms of that team
	Main   bool   // main rooms of teams only
	Member string // user id: rooms that this user is in; empty: all
	Text   string // part of the name, without regard to case
}

// MessageFilter narrows a list of messages. At least the room or the thread has to be given.
type MessageFilter struct {
	RoomID   string
	ThreadID string    // replies to that message
	After    time.Time // zero: from the first
	Before   time.Time // zero: to the last
	Bounds   bool      // those at After and Before themselves, too
}

// RoomStats counts what stands in a room.
type RoomStats struct {
	Messages int
	Members  int
	Owners   int       // of the members
	Last     time.Time // of the newest message that is no notice; zero: none
}
