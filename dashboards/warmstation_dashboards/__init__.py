"""What people see: templates, styles, ES modules and their words. Imports nothing of ours."""
