-- Who came in to the console, how, and who tried in vain.
CREATE TABLE sign_ins (
    number BIGINT PRIMARY KEY,
    person TEXT NOT NULL,                -- '' when nobody was let in
    how TEXT NOT NULL CHECK (how IN ('key', 'password', 'refused', 'out')),
    at_us BIGINT NOT NULL
);
CREATE INDEX sign_ins_person ON sign_ins (person, number);
