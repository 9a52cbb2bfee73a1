-- VoiceAssist: users hold conversations made of messages, and own documents.
CREATE TABLE users (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE conversations (id int PRIMARY KEY, user_id int NOT NULL REFERENCES users, title text NOT NULL);
CREATE TABLE messages (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    conversation_id int NOT NULL REFERENCES conversations,
    role text NOT NULL,
    body text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE documents (id int PRIMARY KEY, user_id int NOT NULL REFERENCES users, topic text NOT NULL, body text NOT NULL);

-- The same rows every time: no random numbers.
INSERT INTO users SELECT i, 'user ' || i FROM generate_series(1, :users) i;
INSERT INTO conversations SELECT i, 1 + i % :users, 'conversation ' || i FROM generate_series(1, :conversations) i;
INSERT INTO messages (conversation_id, role, body, created_at)
SELECT 1 + (i::bigint * 7919) % :conversations, CASE i % 2 WHEN 0 THEN 'user' ELSE 'assistant' END,
       repeat(md5(i::text), 4), timestamptz '2026-01-01' + i * interval '7 seconds'
FROM generate_series(1, :messages) i;
INSERT INTO documents
SELECT i, 1 + i % :users, 'topic ' || i % 12, repeat(md5(i::text), 8) FROM generate_series(1, :documents) i;

CREATE INDEX conversations_user_id ON conversations (user_id);
CREATE INDEX documents_user_id ON documents (user_id);
