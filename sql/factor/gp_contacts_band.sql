-- object: factor.gp_contacts_band
-- place: 11
-- title: Kontakter til egen læge / Contacts with the GP
-- levels: low = 0-3 kontakter / 0-3 contacts; medium = 4-11 kontakter / 4-11 contacts; high = 12
--   eller flere kontakter / 12 or more contacts
-- reference: low
-- bands: from 4 12, kontakter / contacts
-- otherwise: low
-- lookback: the ISO year before
-- health: yes
-- source: SSSY, SYSI
-- reads: mart.health_history
-- caveat: services, not visits; speciality 80

SELECT
    health_history.person_id,
    health_history.year,
    list_extract(
        getvariable('gp_contacts_band_levels'),
        1 + len(
            list_filter(
                getvariable('gp_contacts_band_edges'),
                LAMBDA edge: health_history.n_gp_contacts >= edge
            )
        )
    ) AS level
FROM mart.health_history
