-- Fills the empty graph in use with those rows of the graph "whole" that lie inside the datasets of temp.focus:
-- of an edge both ends, of a statement too. Figures in the columns of a dataset stay those of the whole graph.
INSERT INTO datasets BY NAME SELECT * FROM whole.datasets WHERE dataset_id IN (FROM temp.focus);
INSERT INTO edge_candidates BY NAME SELECT * FROM whole.edge_candidates
WHERE source IN (FROM temp.focus) AND target IN (FROM temp.focus);
INSERT INTO witnesses BY NAME SELECT * FROM whole.witnesses
WHERE source IN (FROM temp.focus) AND target IN (FROM temp.focus);
INSERT INTO mentions BY NAME SELECT * FROM whole.mentions WHERE target IN (FROM temp.focus);
INSERT INTO documents BY NAME SELECT * FROM whole.documents WHERE dataset_id IN (FROM temp.focus);
INSERT INTO aliases BY NAME SELECT * FROM whole.aliases WHERE dataset_id IN (FROM temp.focus);
INSERT INTO crossings BY NAME SELECT * FROM whole.crossings
WHERE dataset_id IN (FROM temp.focus) AND intersection IN (FROM temp.focus);
INSERT INTO faults BY NAME SELECT * FROM whole.faults WHERE string_split(subject, ' -> ')[-1] IN (FROM temp.focus);
INSERT INTO reviews BY NAME SELECT * FROM whole.reviews WHERE target IN (FROM temp.focus);
INSERT INTO parts BY NAME SELECT * FROM whole.parts WHERE dataset_id IN (FROM temp.focus);
INSERT INTO redundancy BY NAME SELECT * FROM whole.redundancy WHERE dataset_id IN (FROM temp.focus);
INSERT INTO intersections BY NAME SELECT * FROM whole.intersections WHERE dataset_id IN (FROM temp.focus);
INSERT INTO contamination BY NAME SELECT * FROM whole.contamination WHERE train IN (FROM temp.focus);
INSERT INTO containments BY NAME SELECT * FROM whole.containments
WHERE source IN (FROM temp.focus) AND target IN (FROM temp.focus);
INSERT INTO corpus BY NAME SELECT * FROM whole.corpus WHERE dataset_id IN (FROM temp.focus);
INSERT INTO ledger BY NAME SELECT * FROM whole.ledger WHERE dataset_id IN (FROM temp.focus);
INSERT INTO meta BY NAME SELECT * FROM whole.meta;
INSERT INTO snapshots BY NAME SELECT * FROM whole.snapshots;
INSERT INTO changes BY NAME SELECT * FROM whole.changes WHERE string_split(subject, ' -> ')[-1] IN (FROM temp.focus);
INSERT INTO tombstones BY NAME SELECT * FROM whole.tombstones
WHERE string_split(subject, ' -> ')[-1] IN (FROM temp.focus);
