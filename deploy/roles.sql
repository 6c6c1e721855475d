-- Rights of the two roles of a production database, to be run by tracker_owner after each migrate:
--
--   tracker_owner  owns every table and migrates. The product does not run as this role.
--   tracker_app    is what the product runs as. It adds to the history and reads it; it cannot change, remove or empty
--                  it, nor drop or switch off the triggers that refuse that, since those belong to the owner.

REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO tracker_app;

DO $$
DECLARE
    name text;
BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('REVOKE ALL ON TABLE public.%I FROM PUBLIC, tracker_app', name);
        IF name LIKE '%\_historical%' OR name IN ('audit_entry', 'audit_anchor') THEN
            EXECUTE format('GRANT SELECT, INSERT ON TABLE public.%I TO tracker_app', name);
        ELSIF name = 'django_migrations' THEN
            EXECUTE format('GRANT SELECT ON TABLE public.%I TO tracker_app', name);
        ELSE
            EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE public.%I TO tracker_app', name);
        END IF;
    END LOOP;
END $$;

GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO tracker_app;
