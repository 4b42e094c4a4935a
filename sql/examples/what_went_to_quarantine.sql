-- question: Which rows went to quarantine, from which file and why?
-- database: registers
-- reads: meta.load_file, meta.quarantine
-- returns: register, file, n_read, n_loaded, n_quarantined, reasons
-- caveat: a row is counted once per file and named by its first fault; the rows themselves, with
--   their original values, are in meta.quarantine

SELECT
    load_file.register,
    load_file.file,
    load_file.n_read,
    load_file.n_loaded,
    load_file.n_quarantined,
    string_agg(DISTINCT quarantine."check", ', ' ORDER BY quarantine."check") AS reasons
FROM meta.load_file
LEFT JOIN meta.quarantine
    ON load_file.register = quarantine.register AND load_file.file = quarantine.file
GROUP BY ALL
ORDER BY load_file.n_quarantined DESC, load_file.register ASC, load_file.file ASC;
