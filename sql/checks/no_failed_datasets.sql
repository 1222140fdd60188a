-- Datasets whose trace failed and may succeed another time.
SELECT dataset_id, detail FROM datasets WHERE outcome = 'failed' ORDER BY dataset_id
