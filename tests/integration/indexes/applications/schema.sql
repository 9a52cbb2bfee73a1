-- An application with a little of every type.
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE TYPE stage AS ENUM ('new', 'paid', 'sent', 'gone');
CREATE DOMAIN sku AS text CHECK (length(value) < 40);
CREATE TABLE account (id bigint PRIMARY KEY, email text NOT NULL, handle varchar(40), town text, ref uuid NOT NULL,
    age int, score numeric(8,2), ratio float8, joined timestamptz NOT NULL, born date, ip inet, active boolean NOT NULL,
    settings jsonb NOT NULL, manager_id bigint);
INSERT INTO account SELECT g, 'u' || g || '@example.org', 'h' || g % 9000, 't' || g % 300,
    md5(g::text)::uuid, g % 90, g % 1000 / 7.0, g % 5000 / 11.0, now() - g * interval '7 min',
    date '1950-01-01' + g % 20000, ('10.0.' || g % 250 || '.' || g % 199)::inet, g % 5 > 0,
    jsonb_build_object('plan', 'p' || g % 900, 'seats', g % 800, 'tags', jsonb_build_array('a' || g % 70)), g / 10
    FROM generate_series(1, 40000) g;
CREATE TABLE orders (id bigint PRIMARY KEY, account_id bigint NOT NULL, stage stage NOT NULL, placed_at timestamptz NOT NULL,
    shipped_on date, total numeric(12,2) NOT NULL, quantity smallint NOT NULL, code sku NOT NULL, note text,
    span tstzrange, window_start timestamp NOT NULL, currency char(3) NOT NULL, elapsed interval);
INSERT INTO orders SELECT g, g * 7919 % 40000, (ARRAY['new', 'paid', 'sent', 'gone'])[1 + g % 4]::stage,
    now() - g * interval '5 min', current_date - g / 300, g % 90000 / 100.0, g % 60, 'c' || g % 8000, 'note ' || g,
    tstzrange(now() - g * interval '5 min', now()), localtimestamp - g * interval '5 min', 'EUR', g % 900 * interval '1 s'
    FROM generate_series(1, 60000) g;
CREATE TABLE document (id bigint PRIMARY KEY, owner bigint NOT NULL, title text NOT NULL, body text NOT NULL,
    words tsvector, labels text[] NOT NULL, numbers int[] NOT NULL, payload jsonb NOT NULL, flags bit(8), raw bytea, price money);
INSERT INTO document SELECT g, g % 5000, 'Title ' || g, 'body of ' || g, to_tsvector('english', 'body of ' || g),
    ARRAY['l' || g % 400, 'm' || g % 3], ARRAY[g % 800, g % 7],
    jsonb_build_object('kind', 'k' || g % 900, 'at', (now() - g * interval '1 h')::text, 'n', g % 700),
    (g % 256)::bit(8), decode(md5(g::text), 'hex'), (g % 500)::money
    FROM generate_series(1, 30000) g;
