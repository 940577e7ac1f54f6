-- Clients that anybody may have registered, or that describe themselves, by when they were last written: those that nobody uses go.
drop index app_clients_registered_openly;
create index app_clients_by_idleness on app_clients (updated_at) where settings ->> 'registration' in ('open', 'described');
