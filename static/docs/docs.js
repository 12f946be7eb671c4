SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#documentation',
  deepLinking: true,
  defaultModelsExpandDepth: 0, // the schemas stay folded below the operations
  displayRequestDuration: true,
  validatorUrl: null, // the validator's badge would ask a server on the internet
});
