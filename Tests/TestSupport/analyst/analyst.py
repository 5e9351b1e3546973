"""An institution's analyst with programs of others: SQLAlchemy's inspector, by which Superset asks a database what it has, pandas
and ODBC. Prints a line of JSON for each view: what the inspector says of it, and how many rows the two read.

    analyst.py postgresql://... SCHEMA
"""

import json
import sys

import pandas
import pyodbc
import sqlalchemy

url, schema = sys.argv[1:]
engine = sqlalchemy.create_engine(url.replace("postgresql://", "postgresql+psycopg2://"))
inspector = sqlalchemy.inspect(engine)
assert schema in inspector.get_schema_names()
place = sqlalchemy.make_url(url)
odbc = pyodbc.connect(
    "Driver=/usr/lib/x86_64-linux-gnu/odbc/psqlodbcw.so;"
    f"Server={place.host};Port={place.port};Database={place.database};Uid={place.username};Pwd={place.password}"
)
listed = {(row.table_schem, row.table_name) for row in odbc.cursor().tables(schema=schema)}
# the catalogue names the others too, to everybody; they are not granted
for view in sorted(name for name in inspector.get_view_names(schema) if name.startswith("report_")):
    columns = inspector.get_columns(view, schema)
    found = pandas.read_sql_table(view, engine, schema)
    assert list(found.columns) == [column["name"] for column in columns]
    assert (schema, view) in listed, f"{view} is not in ODBC's catalogue"
    rows = odbc.execute(f'select * from "{schema}"."{view}"').fetchall()
    print(
        json.dumps(
            {
                "view": view,
                "comment": inspector.get_table_comment(view, schema)["text"],
                "columns": len(columns),
                "commented": sum(bool(column["comment"]) for column in columns),
                "pandas": len(found),
                "odbc": len(rows),
            }
        )
    )
# as an analyst would: one fact a row, grouped by what is asked
progress = pandas.read_sql(f'select cohort, status from "{schema}".report_progress', engine)
print(json.dumps({"grouped": progress.groupby(["cohort", "status"]).size().reset_index().values.tolist()}))
