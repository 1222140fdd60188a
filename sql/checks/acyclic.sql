-- Datasets that are, by some path of two edges or more, their own source.
SELECT dataset_id, cycle FROM datasets WHERE cycle IS NOT NULL ORDER BY cycle, dataset_id
