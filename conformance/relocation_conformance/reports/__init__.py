"""What is left of a run for people and programs: report.json, JUnit XML, and a page."""
