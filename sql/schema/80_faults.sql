-- What is wrong with the graph or its records, by name.
CREATE TABLE faults (
    kind    VARCHAR NOT NULL, -- self_edge, duplicate, cycle, anachronism, broken_record; of imports also alias, part, unschemed, namesake, no_quote, unnamed_quote
    subject VARCHAR NOT NULL, -- the dataset, edge (source -> target) or cycle
    detail  VARCHAR NOT NULL  -- what was found, and where
);
