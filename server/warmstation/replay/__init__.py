"""A recording (CSV) published as if a station measured it now."""
