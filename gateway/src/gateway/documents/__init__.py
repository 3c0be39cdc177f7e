"""What describes the system to its users: one OpenAPI document, the AsyncAPI document, and the page that shows them."""
