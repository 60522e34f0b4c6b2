// Package estimatetest makes events of offices whose laws an estimator is not
// told: wards, clinics, telephone banks, with staff who take turns at lunch,
// people who give up, days that are wild. The same seed makes the same events.
package estimatetest
