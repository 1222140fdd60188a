-- title: Intersecting paths
-- question: Which ancestors reach a dataset through two or more of its direct sources, by which paths, and how many rows came twice? (paths around a cycle are left out)
-- source: paper, Table 9
-- parameter: top = 100 (rows)
-- parameter: listed = 20 (paths to list; more are only counted)
WITH RECURSIVE crossed AS (
    FROM crossings ORDER BY direct_sources DESC, dataset_id, intersection LIMIT $top
),
downward AS ( -- depth rises along every edge, except inside a cycle
    SELECT edges.source, edges.target
    FROM edges
    JOIN datasets AS upstream ON upstream.dataset_id = edges.source
    JOIN datasets AS downstream ON downstream.dataset_id = edges.target
    WHERE upstream.depth < downstream.depth
),
walks (source, target, steps, paths) AS (
    SELECT source, target, 1, 1::HUGEINT FROM downward WHERE source IN (SELECT intersection FROM crossed)
    UNION ALL
    SELECT walks.source, downward.target, walks.steps + 1, sum(walks.paths)::HUGEINT
    FROM walks JOIN downward ON downward.source = walks.target
    GROUP BY walks.source, downward.target, walks.steps
),
counted AS (SELECT source, target, sum(paths) AS paths FROM walks GROUP BY source, target),
remaining (dataset_id, node, steps) AS ( -- nodes from which a dataset is so many steps away
    SELECT DISTINCT dataset_id, dataset_id, 0 FROM crossed
    UNION
    SELECT remaining.dataset_id, downward.source, remaining.steps + 1
    FROM remaining JOIN downward ON downward.target = remaining.node
),
distances AS (SELECT dataset_id, node, list(DISTINCT steps) AS steps FROM remaining GROUP BY dataset_id, node),
begun (dataset_id, length, nodes) AS ( -- shortest paths first, so that only those to be listed are walked
    SELECT crossed.dataset_id, unnest(distances.steps), [crossed.intersection]
    FROM crossed
    JOIN distances ON distances.dataset_id = crossed.dataset_id AND distances.node = crossed.intersection
    JOIN counted ON counted.source = crossed.intersection AND counted.target = crossed.dataset_id
    WHERE counted.paths <= $listed
    UNION ALL
    SELECT begun.dataset_id, begun.length, list_append(begun.nodes, downward.target)
    FROM begun
    JOIN downward ON downward.source = begun.nodes[-1]
    JOIN distances ON distances.dataset_id = begun.dataset_id AND distances.node = downward.target
    WHERE list_contains(distances.steps, begun.length - len(begun.nodes)::INTEGER)
),
listed AS (
    SELECT dataset_id, nodes[1] AS intersection, list(nodes ORDER BY len(nodes), nodes) AS all_paths
    FROM begun WHERE len(nodes) = length + 1
    GROUP BY ALL
)
SELECT
    crossed.dataset_id,
    crossed.intersection,
    crossed.direct_sources,
    coalesce(counted.paths, 0)::BIGINT AS paths,
    crossed.through,
    measured.rows,
    measured.duplicated_rows,
    coalesce(listed.all_paths, []) AS all_paths
FROM crossed
LEFT JOIN counted ON counted.source = crossed.intersection AND counted.target = crossed.dataset_id
LEFT JOIN listed USING (dataset_id, intersection)
LEFT JOIN intersections AS measured USING (dataset_id, intersection)
ORDER BY crossed.direct_sources DESC, crossed.dataset_id, crossed.intersection
