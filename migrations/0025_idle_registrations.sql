-- Clients that anybody may have registered, by their age: those that nobody uses go.
create index app_clients_registered_openly on app_clients (created_at) where settings ->> 'registration' = 'open';
