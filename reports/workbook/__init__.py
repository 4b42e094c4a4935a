"""The workbook: result tables as typed sheets."""
