-- What this snapshot changed, against the one before: one row per thing that is new or gone, and per field that differs.
CREATE TABLE changes (
    kind    VARCHAR NOT NULL, -- dataset, edge or statement
    change  VARCHAR NOT NULL, -- new, gone or changed
    subject VARCHAR NOT NULL, -- the dataset, or source -> target
    field   VARCHAR,          -- which column differs; NULL: all of it is new or gone
    old     VARCHAR,          -- value before; an object of all fields where it is gone
    new     VARCHAR           -- value now; an object of all fields where it is new
);
