-- object: factor.specialist_contacts_band
-- place: 39
-- title: Ydelser hos speciallæger / Services of specialists
-- levels: none = Ingen ydelser / No services; up_to_5 = 1-5 ydelser / 1-5 services;
--   over_5 = Over 5 ydelser / Over 5 services
-- reference: none
-- bands: above 0 5, ydelser / services
-- lookback: the ISO year before
-- health: yes
-- source: Sundhedsdatastyrelsen, SSSY; Statistics Denmark, SYSI
-- reads: core.primary_care_contact, mart.year_at_risk
-- caveat: services, not visits, of all specialities but general practice

WITH person AS (
    SELECT
        primary_care_contact.person_id,
        year_at_risk.year,
        sum(primary_care_contact.n_services) AS n_services
    FROM core.primary_care_contact
    INNER JOIN mart.year_at_risk
        ON primary_care_contact.iso_year = year_at_risk.year - 1
    WHERE NOT primary_care_contact.is_general_practice
    GROUP BY primary_care_contact.person_id, year_at_risk.year
)

SELECT
    person.person_id,
    person.year,
    list_extract(
        getvariable('specialist_contacts_band_levels'),
        1 + len(
            list_filter(
                getvariable('specialist_contacts_band_edges'), LAMBDA edge: person.n_services > edge
            )
        )
    ) AS level
FROM person
