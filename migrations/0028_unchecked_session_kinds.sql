-- Postgres reads and plans a check anew for each statement that writes a row: of a refresh that rotates its token that was an eighth of
-- what the database does. What a session is of is written by one type alone, which has these two values.
alter table user_sessions drop constraint user_sessions_kind_check;
