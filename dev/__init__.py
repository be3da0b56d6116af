"""The workbench: gets Odoo, PostgreSQL and a database, and runs the product, its tests and its benchmarks."""
