-- Datasets and edges that an earlier snapshot had and this one has not.
CREATE TABLE tombstones (
    kind       VARCHAR NOT NULL, -- dataset or edge
    subject    VARCHAR NOT NULL, -- the dataset, or source -> target
    first_seen VARCHAR NOT NULL, -- snapshot in which it appeared first
    last_seen  VARCHAR NOT NULL, -- snapshot in which it appeared last
    last       VARCHAR NOT NULL  -- what it was then, an object of its fields
);
