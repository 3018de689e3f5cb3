/**
 * Beginning of a statement: the series that a query wants, each with its group, from the dictionary alone, and the
 * groups. Groups go by number: comparing arrays of text for each row of a rollup would be half of a query.
 * The numbers are in the order of the tags, the rest is last.
 * $1 product, $2 metric, $3 tags that make the groups, $4 filters as JSON, $5 the named groups as JSON arrays or null.
 */
export const WANTED = `
wanted AS MATERIALIZED (
  SELECT grouped.id AS series_id, grouped.has_quarters,
    CASE WHEN named.is_named THEN grouped.tag_values END AS tag_values,
    NOT named.is_named AS is_other,
    dense_rank() OVER (ORDER BY NOT named.is_named, CASE WHEN named.is_named THEN grouped.tag_values END)::int4 AS group_id
  FROM (
    SELECT series.id, series.has_quarters,
      ARRAY(SELECT series.tags ->> tag FROM unnest($3::text[]) WITH ORDINALITY AS asked (tag, place) ORDER BY place) AS tag_values
    FROM series
    WHERE series.product_id = $1 AND series.metric_id = $2 AND NOT EXISTS (
      SELECT FROM jsonb_array_elements($4::jsonb) AS clause (filters)
      WHERE NOT EXISTS (
        SELECT FROM jsonb_to_recordset(clause.filters) AS filter (tag text, op text, "values" text[])
        WHERE CASE filter.op
          WHEN 'is' THEN coalesce(series.tags ->> filter.tag = ANY (filter."values"), false)
          WHEN 'is_not' THEN NOT coalesce(series.tags ->> filter.tag = ANY (filter."values"), false)
          WHEN 'contains' THEN EXISTS (
            SELECT FROM unnest(filter."values") AS part (text)
            WHERE strpos(lower(series.tags ->> filter.tag), lower(part.text)) > 0)
          WHEN 'not_contains' THEN NOT EXISTS (
            SELECT FROM unnest(filter."values") AS part (text)
            WHERE strpos(lower(series.tags ->> filter.tag), lower(part.text)) > 0)
          WHEN 'exists' THEN series.tags ->> filter.tag IS NOT NULL
          WHEN 'not_exists' THEN series.tags ->> filter.tag IS NULL
        END
      )
    )
  ) AS grouped
  CROSS JOIN LATERAL (
    SELECT $5::jsonb[] IS NULL OR to_jsonb(grouped.tag_values) = ANY ($5::jsonb[]) AS is_named
  ) AS named
), named_group AS MATERIALIZED (
  SELECT DISTINCT group_id, tag_values, is_other FROM wanted
)`
