"""What browsers and programs ask for: rider pages, the API, health. `serve` alone builds it."""
